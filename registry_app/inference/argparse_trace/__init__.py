"""argparse parsers followed through calls and modules, without running them."""

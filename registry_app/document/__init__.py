"""The registry file: its typed document, the reader with line numbers, the writer."""

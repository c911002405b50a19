"""What a scan found, stored and compared with what people decided."""

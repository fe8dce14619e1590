"""How far an estimate from lists rests on what no data can test."""

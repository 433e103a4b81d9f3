"""Where teams should stand, and who goes."""

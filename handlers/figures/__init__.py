"""Figures in chat: /stats with a picture, the daily digest, announcements with their counts."""

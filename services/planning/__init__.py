"""What is to be done and when: planned activities, agendas, reminders, calendars."""

"""The rules of schools, people, devices and users, without any input or output."""

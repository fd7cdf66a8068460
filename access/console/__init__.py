"""The faces: portal for employees, console for administrators, API for programs."""

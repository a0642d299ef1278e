"""How the bodies of each kind of frame are read: a module for each library that reading needs."""

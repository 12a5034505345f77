"""The desk: a full-screen mouth. It makes a Call, runs verbs, shows views, and keeps nothing that they do not know."""

--- The engine that all of distri shares.
return require("chuck").engine()

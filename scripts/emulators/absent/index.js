// A stand-in for packages that Azurite loads and does not use here.

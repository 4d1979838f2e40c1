// What Azurite loads and does not use here.

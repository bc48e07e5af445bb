FAVOURITE = "green"

SELECT id
  FROM users

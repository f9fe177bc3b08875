CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL DEFAULT 1,
    score REAL NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);
INSERT INTO users VALUES
    (1, 'Alice', 'alice@example.com', 1, 9.5, '2024-01-15T10:30:00Z'),
    (2, 'Bob', 'bob@example.com', 0, 3.25, '2024-02-20T08:00:00Z'),
    (3, 'O''Brien', 'obrien@example.com', 1, 7, '2024-03-01T12:00:00Z');

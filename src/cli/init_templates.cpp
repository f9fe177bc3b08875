#include "cli/init_templates.hpp"

#include <array>

namespace hyperterse::cli {

namespace {

constexpr std::string_view sqlite_config =
    R"yaml(# A query gateway in one file: every query below becomes an endpoint.
#
#   hyperterse run -f config.terse
#   curl -X POST localhost:8080/query/list-users -H 'Content-Type: application/json' -d '{}'
#   curl 'localhost:8080/query/get-user?id=1'

name: my-api
version: 1.0.0
description: A sample that runs at once on an embedded SQLite database

server:
  port: 8080
  log_level: info # error, warn, info or debug

adapters:
  # One entry per database. This one is a file, created from schema.sql at the first start.
  db:
    connector: sqlite
    connection_string: 'sqlite:data.db'
    options:
      init: schema.sql
      max_connections: 4

queries:
  # A read: answers POST /query/list-users and GET /query/list-users?limit=2
  list-users:
    use: db
    description: List users, the newest first
    statement: |
      SELECT id, name, email, role, created_at
      FROM users
      ORDER BY {{ inputs.sort }}
      LIMIT {{ inputs.limit }}
    inputs:
      # A choice selects one of the fragments written here: the safe way to let callers sort.
      sort:
        type: choice
        choices: { newest: id DESC, oldest: id ASC, name: name ASC }
        default: newest
        optional: true
      limit:
        type: int
        description: How many at most
        min: 1
        max: 100
        default: 20
        optional: true

  get-user:
    use: db
    description: Get one user by id
    # {{ inputs.id }} is bound as a value; it can never become part of the statement.
    statement: SELECT id, name, email, role, created_at FROM users WHERE id = {{ inputs.id }}
    inputs:
      id:
        type: int
        description: The user's id

  search-users:
    use: db
    description: Find users by a part of their name, and by role if one is given
    statement: |
      SELECT id, name, role FROM users
      WHERE name LIKE '%{{ inputs.q }}%'
      {{#if inputs.role}} AND role = {{ inputs.role }} {{/if}}
      ORDER BY name
    inputs:
      q: { type: string, max_length: 100, description: A part of the name }
      role: { type: string, enum: [admin, member], optional: true, default: null }

  # A write: POST only.
  create-user:
    use: db
    description: Create a user
    statement: |
      INSERT INTO users (name, email, role)
      VALUES ({{ inputs.name }}, {{ inputs.email }}, {{ inputs.role }})
      RETURNING id, name, email, role
    inputs:
      name: { type: string, min_length: 1, max_length: 100 }
      email: { type: string, format: email }
      role: { type: string, enum: [admin, member], optional: true, default: member }
)yaml";

constexpr std::string_view sqlite_schema = R"sql(-- Runs once, when data.db is created.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member')),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);

INSERT INTO users (name, email, role) VALUES
    ('Ada Lovelace', 'ada@example.com', 'admin'),
    ('Grace Hopper', 'grace@example.com', 'member'),
    ('Edgar Codd', 'edgar@example.com', 'member');
)sql";

constexpr std::string_view postgres_config =
    R"yaml(# A query gateway in one file: every query below becomes an endpoint.
#
#   psql "$DATABASE_URL" -f schema.sql
#   hyperterse run -f config.terse
#   curl 'localhost:8080/query/get-user?id=1'

name: my-api
version: 1.0.0

server:
  port: 8080
  log_level: info # error, warn, info or debug

adapters:
  db:
    connector: postgres
    # From the environment, or from a .env file beside this one; never printed.
    connection_string: '{{ env.DATABASE_URL }}'
    options:
      max_connections: 10

queries:
  get-user:
    use: db
    description: Get one user by id
    # {{ inputs.id }} is bound as a value; it can never become part of the statement.
    statement: SELECT id, name, email, role, created_at FROM users WHERE id = {{ inputs.id }}
    inputs:
      id:
        type: int
        description: The user's id

  create-user:
    use: db
    description: Create a user
    statement: |
      INSERT INTO users (name, email)
      VALUES ({{ inputs.name }}, {{ inputs.email }})
      RETURNING id, name, email, role
    inputs:
      name: { type: string, min_length: 1, max_length: 100 }
      email: { type: string, format: email }
)yaml";

constexpr std::string_view postgres_schema = R"sql(CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    role text NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member')),
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO users (name, email, role) VALUES
    ('Ada Lovelace', 'ada@example.com', 'admin'),
    ('Grace Hopper', 'grace@example.com', 'member'),
    ('Edgar Codd', 'edgar@example.com', 'member');
)sql";

constexpr std::array templates{
    init_template{"sqlite", sqlite_config, sqlite_schema},
    init_template{"postgres", postgres_config, postgres_schema},
};

} // namespace

std::optional<init_template> find_init_template(std::string_view connector) {
    for (const init_template& each : templates) {
        if (each.connector == connector) {
            return each;
        }
    }
    return std::nullopt;
}

} // namespace hyperterse::cli

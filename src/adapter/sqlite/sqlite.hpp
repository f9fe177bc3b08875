#pragma once

#include "adapter/backend.hpp"

namespace hyperterse::adapter {

// SQLite: max_connections readers and one writer, each on a thread of the adapter's own.
//
// connection_string: sqlite:data.db, sqlite:///absolute/data.db, a file: URI, a path, or :memory:, which all
// connections of the adapter share. Options of its own: attach (name=path, …), bigint (number or string),
// busy_timeout, cache_size, extensions, foreign_keys, init (a script that makes the database when there is
// none), journal_mode, max_page_count, max_value_size, mmap_size, synchronous.
extern const backend sqlite_backend;

} // namespace hyperterse::adapter

// The reference of the SQLite comparison: one prepared statement in a tight loop, without a server around it.
//   sqlite_loop DATABASE STATEMENT IDS THREADS SECONDS
// IDS is a file of one id per line; each thread begins at another place of it. Prints queries per second.
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { queries_per_look_at_the_clock = 64, max_ids = 1 << 20, max_threads = 64 };

struct job {
    const char* database;
    const char* statement;
    const int64_t* ids;
    size_t id_count;
    size_t first;
    double seconds;
    size_t queries; // result
    size_t bytes;   // result; keeps the reads of the columns alive
};

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void require(int holds, const char* what) {
    if (!holds) {
        fprintf(stderr, "sqlite_loop: %s\n", what);
        exit(1);
    }
}

static size_t read_row(sqlite3_stmt* statement) {
    size_t bytes = 0;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            bytes += (size_t)(sqlite3_column_int64(statement, column) & 1);
            break;
        case SQLITE_FLOAT:
            bytes += sqlite3_column_double(statement, column) > 0;
            break;
        default:
            bytes += sqlite3_column_text(statement, column) != NULL;
            bytes += (size_t)sqlite3_column_bytes(statement, column);
        }
    }
    return bytes;
}

static void* run(void* argument) {
    struct job* job = argument;
    sqlite3* database = NULL;
    sqlite3_stmt* statement = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    require(sqlite3_open_v2(job->database, &database, flags, NULL) == SQLITE_OK, "cannot open the database");
    require(sqlite3_exec(database, "PRAGMA query_only = 1", NULL, NULL, NULL) == SQLITE_OK, "query_only");
    require(sqlite3_prepare_v3(database, job->statement, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) ==
                SQLITE_OK, sqlite3_errmsg(database));
    const double end = now() + job->seconds;
    size_t next = job->first;
    while (now() < end) {
        for (int each = 0; each < queries_per_look_at_the_clock; ++each) {
            sqlite3_bind_int64(statement, 1, job->ids[next]);
            next = (next + 1) % job->id_count;
            require(sqlite3_step(statement) == SQLITE_ROW, "an id has no row");
            job->bytes += read_row(statement);
            require(sqlite3_step(statement) == SQLITE_DONE, "an id has two rows");
            sqlite3_reset(statement);
        }
        job->queries += queries_per_look_at_the_clock;
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return NULL;
}

static size_t read_ids(const char* path, int64_t* ids) {
    FILE* file = fopen(path, "r");
    require(file != NULL, "cannot read the ids");
    size_t count = 0;
    while (count < max_ids && fscanf(file, "%ld", &ids[count]) == 1) {
        ++count;
    }
    fclose(file);
    require(count > 0, "no ids");
    return count;
}

int main(int argc, char** argv) {
    require(argc == 6, "usage: sqlite_loop DATABASE STATEMENT IDS THREADS SECONDS");
    static int64_t ids[max_ids];
    const size_t id_count = read_ids(argv[3], ids);
    const size_t threads = strtoul(argv[4], NULL, 10);
    const double seconds = strtod(argv[5], NULL);
    require(threads >= 1 && threads <= max_threads && seconds > 0, "bad number of threads or seconds");

    static struct job jobs[max_threads];
    pthread_t running[max_threads];
    for (size_t each = 0; each < threads; ++each) {
        jobs[each] = (struct job){
            .database = argv[1], .statement = argv[2], .ids = ids, .id_count = id_count,
            .first = each * id_count / threads, .seconds = seconds,
        };
        require(pthread_create(&running[each], NULL, run, &jobs[each]) == 0, "cannot start a thread");
    }
    size_t queries = 0;
    for (size_t each = 0; each < threads; ++each) {
        pthread_join(running[each], NULL);
        queries += jobs[each].queries;
    }
    printf("%.0f\n", (double)queries / seconds);
    return 0;
}

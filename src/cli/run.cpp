#include "cli/run.hpp"

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <fmt/format.h>

namespace hyperterse::cli {

namespace {

constexpr std::string_view footer =
    "Start here:\n"
    "  hyperterse init   write a sample config.terse and schema.sql\n"
    "  hyperterse run    serve config.terse on http://localhost:8080\n"
    "  curl -X POST localhost:8080/query/list-users -H 'Content-Type: application/json' -d '{}'\n";

// What the command line can say, and the exit status of the command that ran.
struct command_line {
    run_options run; // before or after the command's name, or without one
    validate_options validate;
    init_options init;
    std::string shell;
    int status = 0;
};

template <class Command>
CLI::App&
add_command(CLI::App& program, const char* name, const char* description, int& status, Command command) {
    CLI::App& added = *program.add_subcommand(name, description);
    added.callback([&status, command] { status = command(); });
    return added;
}

void define(CLI::App& program, command_line& into) {
    program.set_version_flag("-v,--version", HYPERTERSE_VERSION, "Print the version");
    program.footer(std::string(footer));
    program.require_subcommand(0, 1);
    add_run_options(program, into.run);
    const auto add = [&](const char* name, const char* description, auto command) -> CLI::App& {
        return add_command(program, name, description, into.status, command);
    };

    add_run_options(add("run", "Serve a configuration", [&] { return run_command(into.run); }), into.run);

    CLI::App& validate = add("validate", "Check a configuration without serving it", [&] {
        return validate_command(into.run.source, into.validate);
    });
    add_source_options(validate, into.run.source);
    validate.add_option("--format", into.validate.format, "text or json (default text)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    validate.add_flag("--live", into.validate.live, "Also connect and check every statement in its database");

    CLI::App& init = add("init", "Write a sample configuration that runs at once", [&] {
        return init_command(into.init);
    });
    init.add_option("-o,--output", into.init.output, "The file to write (default config.terse)")
        ->type_name("PATH");
    init.add_option("--connector", into.init.connector, "sqlite or postgres (default sqlite)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"sqlite", "postgres"}));

    add("schema", "Print the JSON Schema of the configuration language", schema_command);
    add("version", "Print the version", version_command);
    add("completion",
        "Print a completion script for your shell",
        [&] { return completion_command(program, into.shell); })
        .add_option("shell", into.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

} // namespace

int run(int argc, char** argv) {
    CLI::App program("Hyperterse: typed REST endpoints from SQL statements in one file", "hyperterse");
    command_line given;
    define(program, given);
    try {
        program.parse(argc, argv);
        if (argc == 1) {
            fmt::print("{}", program.help());
            return 0;
        }
        return program.get_subcommands().empty() ? run_command(given.run) : given.status;
    } catch (const CLI::ParseError& stopped) {
        return program.exit(stopped) == 0 ? 0 : 1;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "error: {}\n", failure.what());
        return 1;
    }
}

} // namespace hyperterse::cli

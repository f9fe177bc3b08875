#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <vector>

namespace hyperterse::cli {

namespace {

// A command as a shell sees it. The program itself is the first, with an empty name.
struct completed_command {
    std::string name;
    std::string description;
    std::vector<std::string> words; // what may follow: options, and for the program its commands
};

std::vector<std::string> option_words(const CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.push_back("--" + name);
        }
        for (const std::string& name : option->get_snames()) {
            words.push_back("-" + name);
        }
    }
    return words;
}

std::vector<completed_command> commands_of(const CLI::App& program) {
    std::vector<completed_command> commands{{.name = "", .description = "", .words = option_words(program)}};
    for (const CLI::App* command : program.get_subcommands({})) {
        commands.front().words.push_back(command->get_name());
        commands.push_back({command->get_name(), command->get_description(), option_words(*command)});
    }
    return commands;
}

std::string bash_script(const std::vector<completed_command>& commands) {
    std::string cases;
    for (const auto& [name, description, words] : commands) {
        fmt::format_to(
            std::back_inserter(cases),
            "        {}) words=\"{}\" ;;\n",
            name.empty() ? "*" : name,
            fmt::join(words, " ")
        );
    }
    // The program's own words are the fall-through case: it goes last.
    const std::size_t first_end = cases.find('\n') + 1;
    cases = cases.substr(first_end) + cases.substr(0, first_end);
    return fmt::format(
        "# hyperterse completion for bash: source <(hyperterse completion bash)\n"
        "_hyperterse() {{\n"
        "    local current=\"${{COMP_WORDS[COMP_CWORD]}}\" words\n"
        "    case \"${{COMP_WORDS[COMP_CWORD-1]}}\" in\n"
        "        -f|--file|-o|--output) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
        "    esac\n"
        "    case \"${{COMP_WORDS[1]}}\" in\n"
        "{}"
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "}}\n"
        "complete -F _hyperterse hyperterse\n",
        cases
    );
}

std::string zsh_script(const std::vector<completed_command>& commands) {
    std::string cases;
    for (auto command = commands.begin() + 1; command != commands.end(); ++command) {
        fmt::format_to(
            std::back_inserter(cases),
            "        {}) compadd -- {} ;;\n",
            command->name,
            fmt::join(command->words, " ")
        );
    }
    return fmt::format(
        "#compdef hyperterse\n"
        "# hyperterse completion for zsh: source <(hyperterse completion zsh)\n"
        "_hyperterse() {{\n"
        "    case \"${{words[CURRENT-1]}}\" in\n"
        "        -f|--file|-o|--output) _files; return ;;\n"
        "    esac\n"
        "    case \"${{words[2]}}\" in\n"
        "{}"
        "        *) compadd -- {} ;;\n"
        "    esac\n"
        "}}\n"
        "compdef _hyperterse hyperterse\n",
        cases,
        fmt::join(commands.front().words, " ")
    );
}

std::string fish_script(const std::vector<completed_command>& commands) {
    std::string script = "# hyperterse completion for fish: hyperterse completion fish | source\n";
    for (auto command = commands.begin() + 1; command != commands.end(); ++command) {
        auto out = std::back_inserter(script);
        fmt::format_to(
            out,
            "complete -c hyperterse -n __fish_use_subcommand -f -a {} -d '{}'\n",
            command->name,
            command->description
        );
        for (const std::string& word : command->words) {
            const bool is_long = word.starts_with("--");
            fmt::format_to(
                out,
                "complete -c hyperterse -n '__fish_seen_subcommand_from {}' -{} {}\n",
                command->name,
                is_long ? 'l' : 's',
                word.substr(is_long ? 2 : 1)
            );
        }
    }
    return script;
}

struct shell_row {
    std::string_view shell;
    std::string (*script)(const std::vector<completed_command>&);
};
constexpr std::array shells{
    shell_row{"bash", bash_script},
    shell_row{"zsh", zsh_script},
    shell_row{"fish", fish_script},
};

} // namespace

int completion_command(const CLI::App& program, const std::string& shell) {
    for (const shell_row& row : shells) {
        if (row.shell == shell) {
            fmt::print("{}", row.script(commands_of(program)));
            return 0;
        }
    }
    return 1;
}

} // namespace hyperterse::cli

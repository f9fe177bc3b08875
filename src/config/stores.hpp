#pragma once

#include "config/reader.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// The `store` functions of the tables, made from the members they fill:
//     .store = store_scalar<&server_config::listen, &listen_address::port>
namespace hyperterse::config {

template <class T>
struct member_pointer;
template <class Owner, class T>
struct member_pointer<T Owner::*> {
    using owner = Owner;
};

template <auto First, auto... Rest>
auto& follow(void* target) {
    using owner = typename member_pointer<decltype(First)>::owner;
    return ((static_cast<owner*>(target)->*First).*....*Rest);
}

inline void assign(bool& to, scalar_value from) {
    to = from.flag;
}
inline void assign(std::string& to, scalar_value from) {
    to = std::move(from.text);
}
inline void assign(secret& to, scalar_value from) {
    to = secret(std::move(from.text));
}
inline void assign(milliseconds& to, scalar_value from) {
    to = milliseconds(from.number);
}
template <class T>
    requires std::integral<T> || std::is_enum_v<T>
void assign(T& to, scalar_value from) {
    to = static_cast<T>(from.number);
}
template <class T>
void assign(located<T>& to, scalar_value from) {
    to.where = from.where;
    to.secret = from.secret;
    assign(to.value, std::move(from));
}
template <class T>
void assign(std::optional<T>& to, scalar_value from) {
    assign(to.emplace(), std::move(from));
}

template <auto... Path>
void store_scalar(reader& from, const field& row, const node& given, void* target) {
    if (auto read = from.scalar(row, given)) {
        assign(follow<Path...>(target), *std::move(read));
    }
}

template <auto... Path>
void store_list(reader& from, const field& row, const node& given, void* target) {
    for (scalar_value& each : from.scalar_list(row, given)) {
        assign(follow<Path...>(target).emplace_back(), std::move(each));
    }
}

template <auto... Path>
void store_literal(reader& from, const field& row, const node& given, void* target) {
    follow<Path...>(target) = from.any_literal(row, given);
}

template <auto... Path>
void store_literals(reader& from, const field& row, const node& given, void* target) {
    follow<Path...>(target) = from.literal_list(row, given);
}

template <class T>
T& section_of(T& present) {
    return present;
}
template <class T>
T& section_of(std::optional<T>& absent) {
    return absent.emplace();
}

template <auto... Path>
void store_section(reader& from, const field& row, const node& given, void* target) {
    from.nested_section(row, given, &section_of(follow<Path...>(target)));
}

// A section whose keys belong to the same object as the section's own key.
inline void store_same(reader& from, const field& row, const node& given, void* target) {
    from.nested_section(row, given, target);
}

// A list of objects with a `name`, from a map of names.
template <auto... Path>
void store_entries(reader& from, const field& row, const node& given, void* target) {
    auto& list = follow<Path...>(target);
    for (const member& each : from.entries(row, given)) {
        auto& made = list.emplace_back();
        made.name = {.value = std::string(each.key->text), .where = from.place(*each.key)};
        from.entry(row, each, &made);
    }
}

// A function of the table's own, with the type that its map is stored in.
template <class Target, void (*Function)(reader&, const field&, const node&, Target&)>
void store_by(reader& from, const field& row, const node& given, void* target) {
    Function(from, row, given, *static_cast<Target*>(target));
}
template <class Target, void (*Function)(reader&, const node&, const node&, Target&)>
void other_by(reader& from, const node& key, const node& given, void* target) {
    Function(from, key, given, *static_cast<Target*>(target));
}
template <class Target, void (*Function)(reader&, const location&, Target&)>
void finish_by(reader& from, const location& at, void* target) {
    Function(from, at, *static_cast<Target*>(target));
}

} // namespace hyperterse::config

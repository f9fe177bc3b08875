#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace hyperterse::http {

struct answer {
    unsigned status = 0; // 0: none arrived
    std::string head;
    std::string body; // chunks joined
    std::string trailers;
    bool complete = false;

    // The value of the first header of that exact name.
    std::string header(std::string_view name) const {
        const std::string key = "\r\n" + std::string(name) + ": ";
        const std::size_t at = head.find(key);
        if (at == std::string::npos) {
            return {};
        }
        const std::size_t begin = at + key.size();
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

// A blocking client that gives up after ten seconds.
class test_client {
public:
    explicit test_client(std::uint16_t port, int receive_buffer = 0) :
        socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~test_client() { close(); }
    test_client(const test_client&) = delete;
    test_client& operator=(const test_client&) = delete;

    void close() {
        if (socket_ >= 0) {
            ::close(socket_);
            socket_ = -1;
        }
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // The next answer; `head_only`: to a HEAD request.
    answer receive(bool head_only = false) {
        answer got;
        while (buffer_.find("\r\n\r\n") == std::string::npos) {
            if (!more()) {
                return got;
            }
        }
        const std::size_t end = buffer_.find("\r\n\r\n") + 4;
        got.head = take(end);
        got.status = static_cast<unsigned>(std::stoul(got.head.substr(9, 3)));
        if (head_only || got.status == 304 || got.status == 100) {
            got.complete = true;
        } else if (got.head.find("chunked") != std::string::npos) {
            receive_chunks(got);
        } else if (const std::string length = got.header("Content-Length"); !length.empty()) {
            got.complete = fill(std::stoul(length));
            got.body = take(std::min<std::size_t>(std::stoul(length), buffer_.size()));
        } else {
            while (more()) {
            }
            got.body = take(buffer_.size());
            got.complete = !reset_;
        }
        return got;
    }

    // True when the server ended the connection and sent nothing more.
    bool ended() { return buffer_.empty() && !more() && !timed_out_; }

    // Reads one byte from the network, if there is one in time.
    bool more() {
        std::array<char, 16 * 1024> piece;
        const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
        reset_ = got < 0 && errno == ECONNRESET;
        timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (got > 0) {
            buffer_.append(piece.data(), static_cast<std::size_t>(got));
        }
        return got > 0;
    }

private:
    bool fill(std::size_t size) {
        while (buffer_.size() < size) {
            if (!more()) {
                return false;
            }
        }
        return true;
    }
    std::string take(std::size_t count) {
        std::string taken = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return taken;
    }
    bool take_line(std::string& line) {
        while (buffer_.find("\r\n") == std::string::npos) {
            if (!more()) {
                return false;
            }
        }
        line = take(buffer_.find("\r\n") + 2);
        return true;
    }
    void receive_chunks(answer& got) {
        std::string line;
        while (take_line(line)) {
            const std::size_t size = std::stoul(line, nullptr, 16);
            if (size == 0) {
                while (take_line(line) && line != "\r\n") {
                    got.trailers += line;
                }
                got.complete = line == "\r\n";
                return;
            }
            if (!fill(size + 2)) {
                return;
            }
            got.body += take(size);
            take(2);
        }
    }

    int socket_;
    std::string buffer_;
    bool reset_ = false;
    bool timed_out_ = false;
};

} // namespace hyperterse::http

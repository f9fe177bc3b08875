-- For wrk: posts {"id":N} for the ids of a file (the argument), one per line; each thread begins at another
-- place of it. The requests are made before the measurement begins.
local threads = 0
local requests, at = {}, 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

function init(arguments)
    local headers = { ["Content-Type"] = "application/json" }
    for id in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("POST", nil, headers, '{"id":' .. id .. '}')
    end
    at = math.floor(#requests * thread_number / 8) % #requests
end

function request()
    at = at % #requests + 1
    return requests[at]
end

-- For wrk: posts {"id":N} for the ids of a file (the argument), one per line; each thread begins at another
-- place of it. Each hundredth request is a POST of {} to the path of the second argument when there is one. The
-- requests are made before the measurement begins.
local threads = 0
local requests, at = {}, 0
local slow_request, sent = nil, 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

function init(arguments)
    local headers = { ["Content-Type"] = "application/json" }
    for id in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("POST", nil, headers, '{"id":' .. id .. '}')
    end
    if arguments[2] ~= "" then
        slow_request = wrk.format("POST", arguments[2], headers, "{}")
    end
    at = math.floor(#requests * thread_number / 8) % #requests
end

function request()
    sent = sent + 1
    if slow_request and sent % 100 == 0 then
        return slow_request
    end
    at = at % #requests + 1
    return requests[at]
end

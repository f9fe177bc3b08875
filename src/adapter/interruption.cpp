#include "adapter/interruption.hpp"

namespace hyperterse::adapter {

error interruption(const call_context& context) {
    if (context.stop.stop_requested()) {
        return {errc::cancelled, public_message{"the request was cancelled"}};
    }
    return {errc::timeout, public_message{"the query did not finish in time"}};
}

} // namespace hyperterse::adapter

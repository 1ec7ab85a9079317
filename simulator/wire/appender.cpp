#include "simulator/wire/appender.h"

namespace ringback {

void Appender::make_room(std::size_t size) {
    hand_on();
    if (size > static_cast<std::size_t>(end_ - begin_)) {
        large_.resize(size);
        begin_ = large_.data();
        at_ = begin_;
        end_ = begin_ + size;
    }
}

void Appender::hand_on() {
    out_.append(begin_, static_cast<std::size_t>(at_ - begin_));
    at_ = begin_;
}

}  // namespace ringback

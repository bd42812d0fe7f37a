// A callback may come back after the object that asked is gone. An object that hands out callbacks owns an Alive and
// wraps them: a wrapped callback does nothing once the owner has been destroyed (or has renewed its Alive).
// One thread: the owner's loop.
#pragma once

#include <memory>
#include <utility>

namespace konekwa {

class Alive {
 public:
  Alive() : token_(std::make_shared<char>()) {}
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;

  void renew() { token_ = std::make_shared<char>(); }   // forgets every callback handed out before

  template <class F>
  auto guard(F f) const {
    return [token = std::weak_ptr<char>(token_), f = std::move(f)](auto&&... args) {
      if (!token.expired()) f(std::forward<decltype(args)>(args)...);
    };
  }

 private:
  std::shared_ptr<char> token_;
};

}  // namespace konekwa

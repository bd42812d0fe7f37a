// The one file that compiles the part of Asio which speaks TLS.
#include <boost/asio/ssl/impl/src.hpp>

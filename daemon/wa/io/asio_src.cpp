// The one file that compiles Asio's and Beast's code which does not depend on template arguments.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>

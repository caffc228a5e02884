#include "ctl/commands.hpp"

int main(int argc, char** argv) { return vitrine::ctl::run(argc, argv); }

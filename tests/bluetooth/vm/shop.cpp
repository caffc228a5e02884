// A shop's folder as the centre would have filled it, for the tests in the machine: bluetooth_shop
// FOLDER

#include "agent/host/clock.hpp"
#include "bench/shop_folder.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    // Few members: the guest's processor is emulated.
    const vitrine::bench::ShopFolder folder(argv[1], 50, vitrine::host::SystemClock().wall());
    return 0;
}

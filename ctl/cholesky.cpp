#include "ctl/cholesky.hpp"

#include <cmath>
#include <utility>

#include "agent/base/check.hpp"

namespace vitrine::ctl {

Cholesky::Cholesky(std::vector<double> a, std::size_t size) : factor_(std::move(a)), size_(size) {
    CHECK(factor_.size() == size * size);
    for (std::size_t row = 0; row < size; ++row) {
        for (std::size_t column = 0; column <= row; ++column) {
            double sum = factor_[row * size + column];
            for (std::size_t k = 0; k < column; ++k) {
                sum -= factor_[row * size + k] * factor_[column * size + k];
            }
            if (row == column) {
                CHECK(sum > 0);
                factor_[row * size + row] = std::sqrt(sum);
            } else {
                factor_[row * size + column] = sum / factor_[column * size + column];
            }
        }
    }
}

std::vector<double> Cholesky::solve(std::vector<double> b) const {
    CHECK(b.size() == size_);
    for (std::size_t row = 0; row < size_; ++row) {
        for (std::size_t k = 0; k < row; ++k) b[row] -= factor_[row * size_ + k] * b[k];
        b[row] /= factor_[row * size_ + row];
    }
    for (std::size_t row = size_; row-- > 0;) {
        for (std::size_t k = row + 1; k < size_; ++k) b[row] -= factor_[k * size_ + row] * b[k];
        b[row] /= factor_[row * size_ + row];
    }
    return b;
}

}  // namespace vitrine::ctl

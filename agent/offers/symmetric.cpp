#include "agent/offers/symmetric.hpp"

#include <cmath>

namespace vitrine::offers {

bool cholesky(std::span<double> packed, std::size_t n) {
    for (std::size_t row = 0; row < n; ++row) {
        double* const mine = &packed[packed_at(row, 0)];
        for (std::size_t column = 0; column <= row; ++column) {
            const double* const other = &packed[packed_at(column, 0)];
            double rest = mine[column];
            for (std::size_t k = 0; k < column; ++k) rest -= mine[k] * other[k];
            if (column < row) {
                mine[column] = rest / other[column];
            } else if (rest > 0 && std::isfinite(rest)) {
                mine[row] = std::sqrt(rest);
            } else {
                return false;
            }
        }
    }
    return true;
}

void solve(std::span<const double> factor, std::span<double> b) {
    const std::size_t n = b.size();
    for (std::size_t row = 0; row < n; ++row) {
        double rest = b[row];
        for (std::size_t k = 0; k < row; ++k) rest -= factor[packed_at(row, k)] * b[k];
        b[row] = rest / factor[packed_at(row, row)];
    }
    for (std::size_t row = n; row-- > 0;) {
        double rest = b[row];
        for (std::size_t k = row + 1; k < n; ++k) rest -= factor[packed_at(k, row)] * b[k];
        b[row] = rest / factor[packed_at(row, row)];
    }
}

std::vector<double> inverse(std::span<const double> factor, std::size_t n) {
    std::vector<double> full(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const std::span<double> column(&full[i * n], n);
        column[i] = 1;
        solve(factor, column);
    }
    return full;
}

std::vector<double> multiply(std::span<const double> packed, std::span<const double> x) {
    std::vector<double> result(x.size(), 0.0);
    for (std::size_t row = 0; row < x.size(); ++row) {
        for (std::size_t column = 0; column < row; ++column) {
            const double entry = packed[packed_at(row, column)];
            result[row] += entry * x[column];
            result[column] += entry * x[row];
        }
        result[row] += packed[packed_at(row, row)] * x[row];
    }
    return result;
}

}  // namespace vitrine::offers

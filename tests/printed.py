"""Tables 3 and 4 of the paper and the authors' README, typed once more: what the library holds is checked by these."""

from __future__ import annotations

#: Every number of the two tables in their order, typed once more from the paper, column by column.
BY_COLUMN = {
    "table3": {
        "E2B": "51.95 46.62 36.76 54.08 58.93", "B2E": "31.15 34.33 21.12 38.28 43.16",
        "E2C": "31.10 31.60 28.70 34.90 35.40", "C2E": "30.40 30.67 28.01 29.23 32.74",
        "B2C": "32.70 32.70 20.05 32.70 41.00", "C2B": "53.53 53.13 42.71 54.33 57.11",
        "mean": "38.51 38.18 29.56 40.58 44.72",
    },
    "table4": {
        "E2B": "50.85 50.55 47.41 48.74 29.86 58.93", "B2E": "33.48 33.03 35.44 38.14 32.21 43.16",
        "E2C": "28.40 35.20 32.50 30.30 24.20 35.40", "C2E": "27.61 33.81 33.25 28.43 31.02 32.74",
        "B2C": "33.13 39.23 37.40 38.60 35.80 41.00", "C2B": "43.38 53.20 56.74 49.58 49.59 57.11",
        "mean": "36.14 40.84 40.46 38.97 33.78 44.72",
    },
}  # fmt: skip

README = {
    "tlmlda_alpha": "54.40 34.42 31.60 30.60 32.70 52.21",
    "tlmlda_m": "57.04 38.34 34.90 29.29 32.70 56.84",
    "tlmlda": "59.73 43.19 35.40 32.77 41.00 58.58",
}

#: Rows of the tables, by the library's names.
ROWS = {
    "table3": "tlmlda_w tlmlda_alpha tlmlda_l tlmlda_m tlmlda",
    "table4": "pca_svm dosl tsdsl jdar dbn_bp tlmlda",
}

#: By source, method and scheme.
PRINTED: dict[tuple[str, str, str], float] = {}
for table, columns in BY_COLUMN.items():
    for scheme, numbers in columns.items():
        for method, number in zip(ROWS[table].split(), numbers.split(), strict=True):
            PRINTED["paper", method, scheme] = float(number)
for method, numbers in README.items():
    for scheme, number in zip(list(BY_COLUMN["table3"])[:6], numbers.split(), strict=True):
        PRINTED["README", method, scheme] = float(number)

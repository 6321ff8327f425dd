"""SciPy's figures for orchestrator/statistics, written to scipy.json beside this file; the tests read only that.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 numpy==2.4.6 statsmodels==0.15.0
    venv/bin/python orchestrator/statistics/golden/generate.py
"""
import itertools
import json
import math
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(22)
ALTERNATIVES = (("greater", "greater"), ("less", "less"), ("twoSided", "two-sided"))


def finite(value):
    value = float(value)
    return value if math.isfinite(value) else None


def signed_rank():
    series = [
        [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
        list(np.round(rng.normal(0.3, 1, 12), 1)),  # ties
        list(np.round(rng.normal(0.2, 1, 11))),  # ties and zeros
        [0, 0, 1, -1, 2, 2, -3, 4, 0, 5],
        [0, 0, 0, 1],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [-1, -1, -1, -1, -1],
        list(rng.normal(0.4, 1, 25)),
        list(rng.normal(-0.2, 1, 60)),
    ]
    out = []
    for values in series:
        d = np.array(values, dtype=float)
        tied = len(set(np.abs(d))) < len(d) or (d == 0).any()
        for zeros in ("wilcox", "pratt", "zsplit"):
            method = stats.PermutationMethod(n_resamples=np.inf) if tied else "exact"
            case = {"differences": [float(v) for v in d], "zeros": zeros}
            for name, alternative in ALTERNATIVES:
                found = stats.wilcoxon(d, zero_method=zeros, alternative=alternative, method=method)
                case[name] = float(found.pvalue)
                if alternative == "greater":
                    case["wPlus"] = float(found.statistic)
            out.append(case)
    return out


def hodges_lehmann():
    """The shifts that SciPy's exact test does not reject on either side; p changes at the Walsh averages only."""
    out = []
    for n, alpha in ((6, 0.05), (10, 0.025), (15, 0.01), (25, 0.01), (25, 0.05), (5, 0.01)):
        d = rng.normal(0.1, 1, n)
        walsh = np.sort([(d[i] + d[j]) / 2 for i in range(n) for j in range(i, n)])
        edges = [walsh[0] - 1, *walsh, walsh[-1] + 1]
        kept = [
            (low, high)
            for low, high in itertools.pairwise(edges)
            if min(
                stats.wilcoxon(d - (low + high) / 2, alternative=side, method="exact").pvalue
                for side in ("greater", "less")
            )
            > alpha
        ]
        low, high = kept[0][0], kept[-1][1]
        out.append(
            {
                "differences": list(d),
                "alpha": alpha,
                "estimate": float(np.median(walsh)),
                "low": None if low < walsh[0] else float(low),
                "high": None if high > walsh[-1] else float(high),
            }
        )
    return out


def two_groups():
    def diff(x, y, axis=-1):
        return np.mean(y, axis=axis) - np.mean(x, axis=axis)

    out = []
    for n, k, digits in ((5, 5, 6), (5, 5, 0), (8, 4, 6), (9, 1, 6), (6, 7, 1)):
        a, b = np.round(rng.normal(10, 1, n), digits), np.round(rng.normal(10.8, 1.5, k), digits)
        case = {"a": list(a), "b": list(b)}
        for name in ("greater", "less") if k > 1 else ():  # SciPy wants two values in each
            permuted = stats.permutation_test((a, b), diff, vectorized=True, alternative=name, n_resamples=np.inf)
            case.setdefault("permutation", {})[name] = float(permuted.pvalue)
        for key, equal in (("pooled", True), ("welch", False)):
            if key == "welch" and k == 1:
                continue
            case[key] = {
                name: float(stats.ttest_ind(b, a, equal_var=equal, alternative=alternative).pvalue)
                for name, alternative in ALTERNATIVES
            }
        shifts = np.sort((b[:, None] - a[None, :]).ravel())
        u = np.cumsum([mann_whitney(n, k, i) for i in range(n * k + 1)])
        case["shift"] = {"alpha": 0.05, "estimate": float(np.median(shifts))}
        c = sum(1 for v in u if v <= 0.05 + 1e-12)
        case["shift"]["low"] = float(shifts[c - 1]) if c else None
        case["shift"]["high"] = float(shifts[-c]) if c else None
        out.append(case)
    return out


def mann_whitney(n, k, u):
    """P(U = u), from SciPy's exact test of values that have this U."""
    upper = lambda v: 0.0 if v > n * k else stats.mannwhitneyu(*with_u(n, k, v), alternative="greater", method="exact").pvalue
    return upper(u) - upper(u + 1)


def with_u(n, k, u):
    """Two samples of n and k different values, of which the first beats the second in u pairs."""
    first, left = [], u
    for i in range(n):
        beats = min(k, left)
        left -= beats
        first.append(beats + 0.5 + i / (10 * n))
    return first, [float(j + 1) for j in range(k)]


def rates():
    out = []
    for k1, n1, k2, n2 in ((0, 15000, 7, 15000), (3, 1000, 9, 2000), (0, 10, 0, 10), (40, 9000, 61, 8000), (5, 100, 0, 300)):
        share = n2 / (n1 + n2)
        case = {"first": {"events": k1, "of": n1}, "second": {"events": k2, "of": n2}, "alpha": 0.01}
        if k1 + k2 == 0:
            case.update(greater=1.0, less=1.0, low=0.0, high=None)
        else:
            for name, alternative in ALTERNATIVES[:2]:
                case[name] = float(stats.binomtest(k2, k1 + k2, share, alternative=alternative).pvalue)
            ci = stats.binomtest(k2, k1 + k2, share).proportion_ci(confidence_level=0.98, method="exact")
            ratio = lambda p: p / (1 - p) * n1 / n2 if p < 1 else math.inf
            case["low"], case["high"] = finite(ratio(ci.low)), finite(ratio(ci.high))
        out.append(case)
    return out


def t_distribution():
    return [
        {"t": t, "df": df, "cdf": float(stats.t.cdf(t, df)), "upper": upper, "quantile": float(stats.t.isf(upper, df))}
        for t, df, upper in itertools.product((-4.5, -1, 0, 0.3, 2.7, 30), (1, 3, 7.4, 8, 120), (0.5, 0.05, 0.01, 0.0001))
    ]


def paired_t():
    out = []
    for n in (2, 4, 25):
        d = rng.normal(0.3, 1, n)
        out.append(
            {"differences": list(d)}
            | {name: float(stats.ttest_1samp(d, 0, alternative=alt).pvalue) for name, alt in ALTERNATIVES}
        )
    return out


def holm():
    """SciPy has no Holm; statsmodels does."""
    lists = ([0.01, 0.04, 0.03, 0.005], [0.5], [0.02, 0.02, 0.02], [0.9, 0.001, 0.4, 0.0125, 1.0])
    return [{"p": p, "adjusted": list(multipletests(p, method="holm")[1])} for p in lists]


golden = {
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__, "statsmodels": statsmodels.__version__},
    "signedRank": signed_rank(),
    "hodgesLehmann": hodges_lehmann(),
    "twoGroups": two_groups(),
    "rates": rates(),
    "tDistribution": t_distribution(),
    "pairedT": paired_t(),
    "holm": holm(),
}
pathlib.Path(__file__).with_name("scipy.json").write_text(json.dumps(golden, indent=1) + "\n")

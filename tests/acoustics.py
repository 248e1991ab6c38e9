"""What can be heard in a clip, measured by openSMILE's eGeMAPS and by nothing of ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import soundfile

_F0 = "F0semitoneFrom27.5Hz_sma3nz"


def measure(files: list[str]) -> pd.DataFrame:
    """A row for each file; the names of the columns are those of the rules' parameters."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    return pd.DataFrame([_measure(file, smile) for file in files], index=files)


def _measure(file: str, smile) -> dict[str, float]:
    sound, rate = soundfile.read(file)
    frames = smile.process_signal(sound, rate)
    voiced = frames[frames[_F0] > 0]
    f0 = voiced[_F0].to_numpy()
    end = int(0.8 * len(f0))
    return {
        "level": 10 * np.log10(np.mean(sound**2)),
        "peak": float(np.abs(sound).max()),
        "seconds": len(sound) / rate,
        "voiced": len(f0) / 100,
        "hertz": 27.5 * 2 ** (np.median(f0) / 12),
        "pitch": np.median(f0),
        "pitch_range": f0[:end].std(),
        "rate": -np.log2(len(sound) / rate),
        "loudness": 10 * np.log10(np.mean(sound**2)),
        "roughness": voiced["shimmerLocaldB_sma3nz"].mean(),
        "breath": -voiced["HNRdBACF_sma3nz"].mean(),
        "tilt": voiced["alphaRatio_sma3"].mean(),
        "tract": np.log(voiced[["F2frequency_sma3nz", "F3frequency_sma3nz"]]).to_numpy().mean(),
        "flutter": voiced["jitterLocal_sma3nz"].mean(),
        "final": f0[end:].mean() - f0[:end].mean(),
    }

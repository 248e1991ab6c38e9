"""Trees of tiny recordings in the published layouts, made for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 16000


def tone(pitch: float, seconds: float = 0.05, rate: int = RATE) -> np.ndarray:
    """A sine, float32."""
    t = np.arange(int(seconds * rate)) / rate
    return (0.4 * np.sin(2 * np.pi * pitch * t)).astype(np.float32)


def put(path: Path, pitch: float = 200.0, seconds: float = 0.05, **how) -> Path:
    """Write a tone to a file, sound or video by its extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".avi":
        put_avi(path, pitch, seconds)
    else:
        soundfile.write(str(path), tone(pitch, seconds), RATE, **how)
    return path


def put_avi(path: Path, pitch: float, seconds: float, rate: int = 44100, channels: int = 2) -> None:
    """An AVI file with a picture and uncompressed sound, as eNTERFACE has them."""
    import av

    with av.open(str(path), "w", format="avi") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=rate, layout="stereo" if channels == 2 else "mono")
        for packet in video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")):
            container.mux(packet)
        for packet in video.encode(None):
            container.mux(packet)
        samples = (np.tile(tone(pitch, seconds, rate)[:, None], channels) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=audio.layout.name)
        frame.sample_rate = rate
        for packet in (*audio.encode(frame), *audio.encode(None)):
            container.mux(packet)


def emodb(root: Path, suffix: str = ".wav", **how) -> Path:
    """Two speakers, every emotion, two texts."""
    for i, speaker in enumerate(("03", "08")):
        for j, code in enumerate("WLEAFTN"):
            for k, text in enumerate(("a01", "b10")):
                put(root / "wav" / f"{speaker}{text}{code}a{suffix}", 100 + 50 * i + 5 * j + k, **how)
    return root


def casia(root: Path, suffix: str = ".wav", flat: bool = False, **how) -> Path:
    """Two speakers, six emotions, two texts, in either naming."""
    for i, speaker in enumerate(("liuchanhg", "ZhaoZuoxiang")):
        for j, emotion in enumerate(("angry", "fear", "happy", "neutral", "sad", "surprise")):
            for n in (201, 250):
                name = Path(emotion, f"{n}-{emotion}-{speaker}") if flat else Path(speaker, emotion, str(n))
                put(root / name.with_name(name.name + suffix), 100 + 60 * i + 7 * j + n / 100, **how)
    return root


def ravdess(root: Path, suffix: str = ".wav", folders: bool = True) -> Path:
    """Two actors, eight emotions."""
    for actor in (1, 2):
        for emotion in range(1, 9):
            name = f"03-01-{emotion:02d}-01-01-01-{actor:02d}{suffix}"
            put((root / f"Actor_{actor:02d}" if folders else root) / name, 100 + 40 * actor + emotion)
    return root


def enterface(root: Path, suffix: str = ".avi") -> Path:
    """Subjects 1 and 6 (without sentence folders), two emotions, names as untidy as the published ones."""
    put(root / "subject 1/anger/sentence 1" / f"s1_an_1{suffix}", 200)
    put(root / "subject 1/anger/sentence 2" / f"S1_AN_2{suffix}", 210)
    put(root / "subject 1/Happiness/sentence 1" / f"s1_ha1{suffix}", 220)
    put(root / "subject 6/anger" / f"s6_an_1{suffix}", 230)
    put(root / "subject 6/sadness" / f"s_6_sa_2{suffix}", 240)
    return root


def urdu(root: Path, suffix: str = ".wav", **how) -> Path:
    """A man and a woman, every emotion, two clips."""
    for i, speaker in enumerate(("SM1", "SF2")):
        for j, folder in enumerate(("Angry", "Happy", "Neutral", "Sad")):
            for n in (1, 12):
                name = f"{speaker}_F{n}_{folder[0]}{n:03d}{suffix}"
                put(root / folder / name, 100 + 60 * i + 7 * j + n, **how)
    return root


def turev(root: Path, suffix: str = ".wav", **how) -> Path:
    """Two speakers, every emotion, two words."""
    for i, speaker in enumerate(("1157", "7895")):
        for j, (folder, code) in enumerate((("Angry", "kz"), ("Calm", "sk"), ("Happy", "mt"), ("Sad", "hl"))):
            for k, word in enumerate(("deve", "firildak")):
                put(
                    root / "Sound Source" / folder / f"{speaker}_{code}_{word}{suffix}", 100 + 60 * i + 7 * j + k, **how
                )
    return root

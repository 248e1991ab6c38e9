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


def savee(root: Path, suffix: str = ".wav", flat: bool = False, **how) -> Path:
    """Two speakers, every emotion, two sentences, in folders or with the speaker in the name."""
    for i, speaker in enumerate(("DC", "KL")):
        for j, code in enumerate(("a", "d", "f", "h", "n", "sa", "su")):
            for n in (1, 15):
                name = f"{speaker}_{code}{n:02d}" if flat else f"{speaker}/{code}{n:02d}"
                put(root / "AudioData" / f"{name}{suffix}", 100 + 60 * i + 3 * j + n / 10, **how)
    return root


def emovo(root: Path, suffix: str = ".wav", **how) -> Path:
    """A woman and a man, every emotion, two sentences."""
    for i, speaker in enumerate(("f1", "m3")):
        for j, code in enumerate(("rab", "dis", "pau", "gio", "neu", "tri", "sor")):
            for k, sentence in enumerate(("b1", "n5")):
                put(root / "EMOVO" / speaker / f"{code}-{speaker}-{sentence}{suffix}", 100 + 60 * i + 3 * j + k, **how)
    return root


def tess(root: Path, suffix: str = ".wav", **how) -> Path:
    """Both actresses, every emotion, two words; one name lacks a letter, as in the published corpus."""
    folders = ("angry", "disgust", "Fear", "happy", "neutral", "Sad", "Pleasant_surprise")
    for i, speaker in enumerate(("OAF", "YAF")):
        for j, folder in enumerate(folders):
            code = "ps" if folder.startswith("P") else folder.lower()
            for k, word in enumerate(("back", "bite")):
                whole = "OA" if (speaker, code, word) == ("OAF", "neutral", "bite") else speaker
                name = f"{speaker}_{folder}/{whole}_{word}_{code}{suffix}"
                put(root / "TESS" / name, 100 + 60 * i + 3 * j + k, **how)
    return root


def cremad(root: Path, suffix: str = ".wav", **how) -> Path:
    """An actor and an actress, every emotion, two sentences."""
    for i, actor in enumerate((1001, 1002)):
        for j, code in enumerate(("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")):
            for k, (sentence, level) in enumerate((("DFA", "XX"), ("IEO", "HI"))):
                name = f"{actor}_{sentence}_{code}_{level}{suffix}"
                put(root / "AudioWAV" / name, 100 + 60 * i + 3 * j + k, **how)
    return root


def aesdd(root: Path, suffix: str = ".wav", **how) -> Path:
    """Two speakers, every emotion, one sentence, in one emotion with a second take."""
    for j, folder in enumerate(("anger", "disgust", "fear", "happiness", "sadness")):
        for speaker in (1, 6):
            takes = ("", "b") if folder == "fear" else ("",)
            for k, take in enumerate(takes):
                name = f"{folder}/{folder[0]}03 ({speaker}){take}{suffix}"
                put(root / "AESDD" / name, 100 + 20 * speaker + 3 * j + k, **how)
    return root


def nemo(root: Path, suffix: str = ".wav", **how) -> Path:
    """A woman and a man, every emotion, two sentences."""
    for i, speaker in enumerate(("EB0", "WR0")):
        for j, code in enumerate(("anger", "fear", "happiness", "neutral", "sadness", "surprised")):
            for k in (1, 90):
                put(root / "samples" / f"{speaker}_{code}_{k}{suffix}", 100 + 60 * i + 3 * j + k / 50, **how)
    return root


def ased(root: Path, suffix: str = ".wav", **how) -> Path:
    """A woman and a man, every emotion, both repetitions of a sentence."""
    for j, (folder, code) in enumerate(
        (("Neutral", "n1"), ("Fear", "f2"), ("Happy", "h3"), ("Sad", "s4"), ("Angry", "a5"))
    ):
        for i, who in enumerate(("01-07", "02-50")):
            for k in (1, 2):
                put(root / folder / f"{code}-03-{k:02d}-{who}{suffix}", 100 + 60 * i + 3 * j + k, **how)
    return root


def mesd(root: Path, suffix: str = ".wav", **how) -> Path:
    """Every kind of voice and emotion, a word of either list."""
    home = root / "Mexican Emotional Speech Database (MESD)"
    for i, voice in enumerate("FMC"):
        for j, code in enumerate(("Anger", "Disgust", "Fear", "Happiness", "Neutral", "Sadness")):
            for k, word in enumerate(("A_de_nada", "B_abuso")):
                put(home / f"{code}_{voice}_{word}{suffix}", 100 + 60 * i + 3 * j + k, **how)
    return root


def cafe(root: Path, suffix: str = ".wav", **how) -> Path:
    """A man and a woman, every emotion, two sentences; but for the neutral one at two intensities."""
    folders = ("Colère", "Dégoût", "Joie", "Neutre", "Peur", "Surprise", "Tristesse")
    for i, actor in enumerate(("01", "02")):
        for j, folder in enumerate(folders):
            for n, intensity in enumerate(("",) if folder == "Neutre" else ("Faible", "Fort"), 1):
                for k in (1, 6):
                    name = f"{actor}-{folder[0]}-{n}-{k}{suffix}"
                    put(root / "CaFE_48k" / folder / intensity / name, 100 + 60 * i + 5 * j + 2 * n + k / 10, **how)
    return root


def shemo(root: Path, suffix: str = ".wav", **how) -> Path:
    """A woman and a man, every emotion, two utterances."""
    for i, (folder, speaker) in enumerate((("female", "F21"), ("male", "M09"))):
        for j, code in enumerate("AFHNSW"):
            for k in (1, 37):
                put(root / folder / f"{speaker}{code}{k:02d}{suffix}", 100 + 60 * i + 3 * j + k / 20, **how)
    return root

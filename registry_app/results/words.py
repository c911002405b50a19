"""The vocabulary of results: which names are counters, which are metrics, which never are.

Names are compared by their words: lower case, split at punctuation, at inner capitals and at digits
that begin a word. `valLoss`, `val_loss` and `Val Loss` are the words `val loss`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from registry_app.results.spelling import key_of, words_of

# Counter columns and keys, by how fine they are.
EPOCH_AXES = frozenset(
    "epoch epochs epoch_num 에폭 에포크 에포치 round rounds boosting_round".split()
)
STEP_AXES = frozenset(
    "step steps global_step globalstep current_step current_steps iter iters iteration iterations "
    "num_updates timestep timesteps total_timesteps trainer/global_step time/total_timesteps "
    "스텝 반복 단계".split()
)
BATCH_AXES = frozenset("batch batch_idx batch_id minibatch 배치".split())
AXES = EPOCH_AXES | STEP_AXES | BATCH_AXES

# Last words of a metric's name, needed without an axis. Documented in docs/results.md.
METRIC_WORDS = (
    *("loss", "losses", "acc", "accuracy", "precision", "recall", "iou", "miou", "dice"),
    *("map", "ap", "ar", "f1", "fscore", "auc", "auroc", "roc auc", "mcc", "kappa"),
    *("rmse", "mse", "mae", "mape", "psnr", "ssim", "lpips", "fid", "perplexity", "ppl"),
    *("bleu", "rouge", "wer", "cer", "top1", "top5", "top 1", "top 5", "logloss"),
    *("fps", "latency", "throughput", "size", "inference time", "inference speed"),
)
_KOREAN_METRICS = (
    *("손실", "손실값", "정확도", "정밀도", "재현율", "오차", "지연", "지연시간", "지연 시간"),
    *(
        "처리속도",
        "처리 속도",
        "추론속도",
        "추론 속도",
        "추론시간",
        "추론 시간",
        "모델크기",
        "모델 크기",
    ),
)
# What may follow that word: a qualifier or a unit.
_TAILS = (
    r"(?:mean|avg|average|min|max|best|std|median|total|score|value|macro|micro|weighted|small|medium|large"
    r"|p ?\d{2,3}|ms|msec|us|s|sec|mb|mib|kb|gb|db|b|fps|percent|pct|m|val|test|train|all)"
)
# Korean writers put no space before an English word: `검증loss`.
_METRIC_END = re.compile(
    rf"(?:^| |(?<=[가-힣]))(?:{'|'.join(METRIC_WORDS)})(?: \d+)*(?: {_TAILS}(?: \d+)*)*$"
    rf"|(?:{'|'.join(_KOREAN_METRICS)})(?: {_TAILS})*$"
)
# A name with one of these words is a time, a memory size, a count of work or an address, whatever
# else the name says.
NEVER_WORDS = frozenset(
    "time times timestamp timestep date datetime eta elapsed remaining remain duration took day "
    "runtime second seconds wall walltime train_wall data data_time batch_cost reader_cost "
    "sec tok memory mem ram vram gpu_mem max_mem gb_free ips it/s its wps ups wpb speed rate_limit "
    "port pid ppid rank world seed version ver v_num line lineno offset exit code status errno "
    "retry retries attempt worker workers thread threads node nodes job jobs "
    "images samples instances files bytes count consumed tokens requests support percentage "
    "download installed packet video camera 시간 남은시간 경과 경과시간 소요시간 메모리".split()
)
# Words that a metric word at the end overrides: `total loss` and `inference time` are metrics.
_OVERRULED = frozenset(
    "sec time speed took total count images samples instances data tokens files line node job "
    "threads thread its requests support 시간".split()
)
# A name with one of these is a setting, on any line.
SETTING_WORDS = frozenset(
    "batch_size batchsize bs bsz epochs max_epochs num_epochs n_epochs max_epoch num_epoch "
    "total_epochs total_flos total_steps param params n_params num_params "
    "n_parameters num_parameters parameters "
    "imgsz img_size image_size input_size crop_size num_workers workers seed random_seed momentum "
    "weight_decay optimizer device devices gpus num_gpus ngpu num_classes nc classes n_classes "
    "patience warmup_epochs warmup_steps warmup_iters lr0 lrf close_mosaic mosaic mixup degrees "
    "translate scale shear perspective flipud fliplr hsv_h hsv_s hsv_v label_smoothing dropout "
    "hidden_size hidden_dim num_layers n_layers num_heads vocab_size max_len max_length seq_len "
    "sequence_length gradient_accumulation_steps accumulate max_steps num_train_epochs save_steps "
    "eval_steps logging_steps log_interval save_interval eval_interval pretrained resume weights "
    "amp fp16 bf16 half conf conf_thres iou_thres nms max_det channels in_channels out_channels "
    "kernel_size stride padding groups embed_dim patch_size depth width learning_rate_init "
    "n_estimators max_depth num_leaves subsample colsample_bytree min_child_weight gamma alpha "
    "lambda beta1 beta2 betas eps epsilon step_size threshold train_size test_size val_size "
    "flops gflops layers gradients "
    "window_size stem_width anchor_t box cls dfl pose kobj copy_paste erasing crop_fraction "
    "cos_lr freeze multi_scale overlap_mask mask_ratio deterministic single_cls rect "
    "learning_rate lr".split()
)
# On a line with an axis, or in a table, these are values, not settings.
CURVE_SETTINGS = frozenset(
    "learning_rate lr scale gamma alpha eps epsilon box cls dfl pose gradients momentum".split()
)
PHASES = {
    **dict.fromkeys("train training trn 학습 훈련".split(), "train"),
    **dict.fromkeys("val valid validation validate validating dev 검증".split(), "val"),
    **dict.fromkeys("test testing 테스트".split(), "test"),
    **dict.fromkeys("eval evaluation evaluate evaluating 평가".split(), "eval"),
}
# What a metric was measured at, as a part of its name: `mAP@IoU=0.5`, `AP@[IoU=0.50:0.95]`,
# `mAP (IoU=0.5)`, `mAP at IoU 0.5`, `recall@k=5`.
_RANGE = r"\d*\.?\d+(?:[:-]\d*\.?\d+)*"
_AT = r"(?:IoU|k|thr|threshold|conf)"
_IS = r" ?(?:=|≥|>=?) ?"
QUALIFIER = re.compile(
    rf"(?<=\w) ?@ ?(?:\[ ?(?:{_AT}{_IS})?{_RANGE} ?\]|{_AT}(?:{_IS}| ){_RANGE})"
    rf"|(?:(?<=AP)|(?<=AR)|(?<=[Pp]recision)|(?<=[Rr]ecall)|(?<=F1))(?:"
    rf" ?\(IoU{_IS}{_RANGE}(?:, ?\w+=\w+)*\)| ?\[IoU{_IS}{_RANGE}(?:, ?\w+=\w+)*\]"
    rf"|(?: ?\({_RANGE}\)|\[{_RANGE}\])(?=\s?[:=])"
    rf"| at IoU(?:{_IS}| ){_RANGE}| at {_RANGE}(?=\s?[:=] ))",
    re.IGNORECASE,
)
_UNIT_IN_BRACKETS = re.compile(
    r"\s*[(\[](?:%|ms|s|sec|mb|gb|kb|mib|fps|db|b|m|m?s/\w+)[)\]]\s*$", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def is_metric(name: str) -> bool:
    """Return whether a name ends in a metric word, so that its value needs no axis."""
    plain = QUALIFIER.sub("", f"{_UNIT_IN_BRACKETS.sub('', name)}: ")
    words = re.sub(r"(?<=[a-z])(?=\d)", " ", words_of(plain))
    words = words.replace("f 1", "f1").replace("top 1", "top1").replace("top 5", "top5")
    return bool(_METRIC_END.search(words))


@lru_cache(maxsize=4096)
def is_never(name: str) -> bool:
    """Return whether a name says that its value is a time, memory, or a count of work."""
    words = words_of(name).split()
    never = NEVER_WORDS.intersection([*words, key_of(name), name.strip().lower()])
    if not never:
        return False
    return not (never <= _OVERRULED and is_metric(name))


@lru_cache(maxsize=4096)
def is_setting(name: str) -> bool:
    """Return whether a name is that of a script's setting."""
    return key_of(name) in SETTING_WORDS


@lru_cache(maxsize=4096)
def axis_of(name: str) -> str:
    """Return the axis word of a column or key, '' for any other."""
    plain = name.strip().strip("#").strip().lower()
    for key in (plain, plain.replace(" ", "_"), key_of(plain)):
        if key in AXES:
            return key
    return ""


def phase_of(word: str) -> str:
    """Return the phase of a training that a word names, '' for any other."""
    return PHASES.get(word.lower(), "")


# A line of results has at least one of these beginnings of words. Searching for each is faster than
# one expression for all, which then says whether a word begins there.
_BEGINNINGS = tuple(
    "loss acc prec recall iou miou dice map fscore auc auroc mcc kappa mse rmse mae psnr ssim "
    "lpips fid perplexity ppl bleu rouge wer cer logloss latency throughput size inference learn "
    "avg".split()
)
_BEGINS_WORD = re.compile(
    rf"(?:(?<![A-Za-z\d])|(?-i:(?<=[a-z])(?=[A-Z][a-z])))(?:{'|'.join(_BEGINNINGS)})", re.IGNORECASE
)
_PARTS = tuple(
    "fps 손실 정확도 정밀도 재현율 오차 지연 추론 처리 모델 에폭 에포크 스텝 반복".split()
)
_AXIS_PARTS = tuple("epoch step iter round batch update".split())
_COUNTED = re.compile(
    r"(?:epochs?|steps?|iter(?:ation)?s?|rounds?|batch|updates?)"
    r"\W*(?:\(\w+\)\W*)?(?:no\W*)?\d"
)
# Short words only next to a number: they are also parts of other words. The letters before them are
# looked at last, since an expression that begins with letters is found three times as fast.
_SHORT_WORD = re.compile(
    r"(?:a[pr]|ep|it)(?<![a-z][a-z]{2})[^a-z]*\d|top(?<![a-z]top)[\W_]*\d|f(?<![a-z\d]f)1(?![a-z\d])"
)
_SHORT_IN_CAPITALS = re.compile(r"(?:A[pr](?<=[a-z]A[pr])|Top(?<=[a-z]Top))[^A-Za-z]*\d")
# Counters without a word, at the beginning of a line: `[1,  2000]`, `Train: 3 [10/100]`.
_PLAIN_COUNTERS = re.compile(
    r"\s*(?:\[\s*\d+,\s|\[?(?:train|val|valid|validation|test|eval)(?:ing)?\]?\W*\d+\W*[\[(|])"
)
_SHORT_HEADER = re.compile(
    r"(?:^|[^a-z])(?:ap|ar|p)(?![a-z])|(?<=[a-z])A[pr](?![a-z])", re.IGNORECASE
)


def has_word_of_result(text: str) -> bool:
    """Return whether a line of a log can hold a result at all; cheap, without false negatives.

    Lines that differ only in the width of spaces have the same answer; so have lines that differ in
    digits, but for the one of `F1`.
    """
    small = text.lower()
    for part in _PARTS:
        if part in small:
            return True
    for beginning in _BEGINNINGS:
        if beginning in small:
            if _BEGINS_WORD.search(text):
                return True
            break
    if any(part in small for part in _AXIS_PARTS) and _COUNTED.search(small):
        return True
    return bool(
        _SHORT_WORD.search(small) or _PLAIN_COUNTERS.match(small) or _SHORT_IN_CAPITALS.search(text)
    )


def has_word_of_header(text: str) -> bool:
    """Return whether a line can be the header of a table of results, which needs no number."""
    return has_word_of_result(text) or _SHORT_HEADER.search(text) is not None

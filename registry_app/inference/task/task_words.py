"""The built-in words that name a task: English, Korean and some Chinese ones.

A word of the task '' is no evidence.
"""

from __future__ import annotations


def _table(*rows: tuple[str, str]) -> dict[str, str]:
    return {word: task for task, words in rows for word in words.split()}


# A start for industrial safety, in English and Korean.
TASKS: dict[str, str] = _table(
    ("ppe", "ppe helmet hardhat vest harness seatbelt goggles lanyard hook boots boot glove"),
    ("ppe", "safetyequipment safetygear protectiveequipment safetyvest safetybelt safetyhelmet"),
    ("ppe", "safetyhook safetyrope safetyshoe safetyglove safetyboot safetyglasses safetyharness"),
    ("ppe", "reflectivevest chinstrap earmuff respirator faceshield weldingmask coverall"),
    ("ppe", "bodyharness fallarrest lifeline hivis headgear protectivegear protectivesuit"),
    ("ppe", "gasmask earplug safetyhat insulatingglove insulatedglove workboot"),
    ("ppe", "안전모 보호구 보호장구 안전대 안전벨트 안전띠 안전고리 안전줄 안전조끼 안전화"),
    ("ppe", "안전장갑 헬멧 하네스 조끼 보안경 장갑 턱끈 귀마개 방독면 방진마스크 용접면 보안면"),
    ("ppe", "고리체결 고리미체결 고리착용 죔줄 생명줄 구명줄 작업화 방열복 보호복 절연장갑"),
    ("ppe", "귀덮개 안전복장 절연화 절연복"),
    ("face-mask", "facemask maskdetection maskdetector 마스크"),
    ("fall", "fall falldown fallen faint fainted collapsed mandown lyingdown falldetection"),
    ("fall", "쓰러짐 쓰러진 쓰러져 낙상 전도 넘어짐 넘어진 추락 실신 떨어짐"),
    ("fire", "fire flame wildfire forestfire firesmoke 화재 불꽃 산불 화염 발화"),
    ("smoke", "smoke 연기"),
    ("intrusion", "intrusion intruder trespass trespassing dangerzone restrictedarea loitering"),
    ("intrusion", "침입 월담 위험구역 출입금지구역 배회"),
    ("intrusion", "theft shoplifting shoplifter burglary 도난 절도"),
    ("forklift", "forklift 지게차"),
    ("crane", "crane hoist 크레인 호이스트"),
    ("conveyor", "conveyor belt 컨베이어 벨트"),
    ("defect", "defect crack scratch anomaly corrosion pothole flaw dent spall spalling rust burr"),
    ("defect", "damage damaged patchcore padim efficientad mvtec 파손"),
    # Inspection without harm, of surfaces and by cameras, and what it finds.
    ("defect", "nondestructive surfaceinspection visualinspection opticalinspection"),
    ("defect", "weldinspection railinspection pcbinspection solarinspection batteryinspection"),
    ("defect", "boltinspection fabricinspection facadeinspection bridgeinspection loosebolt"),
    ("defect", "용접검사 배터리검사 태양광점검 선로점검 콘크리트점검 외벽점검 외벽조사"),
    ("defect", "볼트풀림 너트풀림"),
    ("defect", "partialdischarge prpd electroluminescence weldbead solder wafer wafermap"),
    ("defect", "delamination efflorescence exposedrebar porosity chipping"),
    ("defect", "foreignobject foreignmatter contaminant discoloration"),
    ("defect", "비파괴 외관검사 표면검사 부분방전 용접비드 납땜 웨이퍼 이물 백태 철근노출 박락"),
    ("defect", "들뜸 변색 얼룩 마모 파단 포트홀"),
    # Public sets of pictures that many train on.
    ("defect", "severstal neudet neusurface deeppcb kolektor ksdd ksdd2 dagm crack500 deepcrack"),
    ("defect", "sdnet codebrim rdd2020 rdd2022"),
    ("ppe", "shwd"),
    ("ocr", "ccpd"),
    ("defect", "blemish weldseam 결함 불량 균열 이상탐지 크랙 스크래치 흠집 찍힘 부식 박리 결점"),
    ("ocr", "ocr lpr anpr alpr plate licenseplate licenceplate numberplate textrecognition"),
    ("ocr", "lprnet trocr paddleocr easyocr"),
    ("ocr", "digitrecognition 번호판 차량번호 차번호 문자인식 글자인식 숫자인식"),
    ("gauge", "gauge gaugereading meterreading meterreader gasmeter watermeter powermeter"),
    ("gauge", "electricmeter energymeter dialreading analogmeter manometer pressuremeter"),
    ("gauge", "계기판 게이지 검침 계량기 압력계 유량계 전력량계"),
    ("counting", "count counter counting 계수 카운팅"),
    ("face", "face facial retinaface arcface facenet insightface 얼굴"),
    # Where a head is turned to; the pose of a head is none of a body.
    ("face", "gazeestimation gazetracking eyegaze headpose facelandmark faciallandmark"),
    ("smoking", "smoking cigarette smoker 흡연 담배"),
    ("collision", "collision nearmiss 충돌"),
    ("caught-in", "caughtin entrapment 끼임 협착"),
    ("leak", "leak leakage spill 누출 누유 누수"),
    ("drowsiness", "drowsiness drowsy 졸음"),
    ("signaller", "signaller signalman flagger banksman 신호수"),
    ("opening", "floorhole flooropening 개구부"),
    ("ladder", "ladder 사다리"),
    ("scaffold", "scaffold scaffolding 비계"),
    ("heavy-equipment", "heavyequipment 중장비"),
    ("bct", "bct 비씨티 벌크시멘트"),
    ("phone-use", "phoneuse usingphone 휴대폰사용 핸드폰사용"),
    ("medical", "medical tumor tumour lesion polyp retinal oct retina xray mri pneumonia"),
    ("medical", "laparoscopic laparoscopy endoscopic endoscopy colonoscopic colonoscopy"),
    ("medical", "mammogram mammography dermoscopy histopathology melanoma glioma carcinoma"),
    ("medical", "surgical surgery cholecystectomy gallbladder pancreas prostate liver kidney lung"),
    ("face-mask", "surgicalmask"),
    ("medical", "의료 종양 병변 내시경 복강경 용종 유방암 대장암"),
    # What notes in Chinese say, or in Japanese with the same signs.
    ("ppe", "安全帽 反光衣 反光背心 安全带 防护服 劳保 护目镜 安全绳"),
    ("face-mask", "口罩"),
    ("fall", "跌倒 摔倒"),
    ("fire", "火焰 火灾 火災 明火 烟火 山火"),
    ("smoke", "烟雾 煙霧"),
    ("smoking", "抽烟 吸烟"),
    ("intrusion", "入侵"),
    ("forklift", "叉车"),
    ("defect", "缺陷 裂纹 裂缝 裂縫 划痕 瑕疵 異物 异物 锈蚀 无损检测 异常检测 異常検知 外観検査"),
    ("ocr", "车牌 車牌 文字识别 字符识别"),
    ("gauge", "仪表 水表 电表 表计 读数"),
    ("counting", "计数"),
    ("face", "人脸"),
    ("leak", "泄漏 漏油 漏水"),
    ("drowsiness", "疲劳驾驶"),
    # No evidence: a safe mode, measures for safety, a screen, conductivity, actors, insurance.
    ("", "안전모드 전도율 전도도 전도성 전도체 연기자 연기됨 연기하 연기되 화재보험 누출구"),
    # A zebra, an object, calculating what a gauge shows.
    ("", "얼룩말 이물체 압력계산 압력계측 유량계산 유량계측"),
    ("", "안전대책 안전대응 안전대비 작업화면 신호수신"),
)  # fmt: skip
# Objects and means rather than tasks: the adjacent word is more specific ("belt defect", "X-ray
# weld defect").
OBJECTS = frozenset(
    {"conveyor", "crane", "forklift", "face", "ladder", "scaffold", "bct", "medical"}
)
# Too ambiguous to count in running text and code.
EVERYDAY = frozenset(
    "fall fallen fire smoke count counter counting plate belt face facial leak scratch crane vest"
    " flame collision faint medical hook harness boot boots glove rust spill ladder hoist dent burr"
    " surgical surgery liver kidney lung prostate"
    " oct collapsed loitering scaffold lifeline gauge bct damage damaged"
    # `arcface` is a loss of any classification too.
    " arcface chipping discoloration solder wafer contaminant"
    " foreignobject"
    " 전도 계수 연기 불량 벨트 얼굴 의료 용종 조끼 장갑 비계 배회 파손 마스크"
    " 이물 얼룩 변색 마모 들뜸 파단 백태 도난 烟雾 人脸 计数 读数 划痕".split()
)

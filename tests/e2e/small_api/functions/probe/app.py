"""Does what the query parameter `do` says."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config

BUSY = []


def handler(event, context):
    return globals()[(event["queryStringParameters"] or {}).get("do", "show_event")](event, context)


def answer(body):
    return {"statusCode": 200, "body": json.dumps(body)}


def show_event(event, _context):
    return answer(event)


def show_context(_event, context):
    time.sleep(0.01)
    names = ("aws_request_id", "function_name", "function_version", "memory_limit_in_mb", "invoked_function_arn")
    return answer({name: getattr(context, name) for name in names} | {"left": context.get_remaining_time_in_millis()})


def show_process(_event, _context):
    return answer({"environment": dict(os.environ), "path": sys.path, "directory": os.getcwd(), "id": os.getpid()})


def give_bytes(_event, _context):
    body = base64.b64encode(bytes(range(256))).decode()
    return {"statusCode": 200, "headers": {"Content-Type": "application/dicom"}, "body": body, "isBase64Encoded": True}


def challenge(_event, _context):
    return {"statusCode": 401, "headers": {"WWW-Authenticate": "ApiKey"}, "body": "{}"}


def give_nothing(_event, _context):
    return {"statusCode": 204, "body": '{"detail": "dropped"}'}


def give_many(event, _context):
    # Half the characters take two bytes.
    return {"statusCode": 200, "body": "aé" * int(event["queryStringParameters"]["pairs"])}


def give_no_answer(_event, _context):
    return "what API Gateway can't make an answer of"


def give_an_object(_event, _context):
    return {"statusCode": 200, "body": object()}


def give_a_surrogate(_event, _context):
    return {"statusCode": 200, "body": "\ud800"}


def fail(_event, _context):
    raise ValueError("as asked")


def leave(_event, _context):
    sys.exit(3)


def vanish(_event, _context):
    os._exit(4)


def be_killed(_event, _context):
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(_event, _context):
    sys.stderr.write("hanging\n")
    time.sleep(600)


def hang_deaf(_event, _context):
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP) and not 32 <= number < 34:
            signal.signal(number, signal.SIG_IGN)
    sys.stderr.write("hanging\n")
    while True:
        pass


def hang_with_a_child(event, context):
    subprocess.Popen(["sleep", "600"])
    hang(event, context)


def write_output(_event, _context):
    sys.stdout.write('something to read\n{"level":"INFO","_aws":{"CloudWatchMetrics":[]}}\n')
    sys.stderr.write("something from stderr\n")
    return answer({})


def meet(event, _context):
    """Waits until the given number of requests are here. No other request may be in this process."""
    assert not BUSY
    BUSY.append(True)
    here = Path(event["queryStringParameters"]["directory"])
    (here / str(os.getpid())).touch()
    while len(list(here.iterdir())) < int(event["queryStringParameters"]["guests"]):
        time.sleep(0.01)
    BUSY.clear()
    return answer(os.getpid())


def count(_event, _context):
    updated = boto3.client("dynamodb").update_item(
        TableName=os.environ["TABLE"],
        Key={"id": {"S": "a"}},
        UpdateExpression="ADD amount :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    return answer(int(updated["Attributes"]["amount"]["N"]))


def store(_event, _context):
    s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
    place = {"Bucket": os.environ["BUCKET"], "Key": "answers/é 1"}
    s3.put_object(**place, Body=b"stored", ContentType="application/dicom")
    return {"statusCode": 303, "headers": {"Location": s3.generate_presigned_url("get_object", Params=place)}}


def show_aws(_event, _context):
    time_to_live = boto3.client("dynamodb").describe_time_to_live(TableName=os.environ["TABLE"])
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])["SecretString"]
    return answer({"time_to_live": time_to_live["TimeToLiveDescription"], "secret": secret})

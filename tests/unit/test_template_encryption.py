"""With KmsKeyArn, the key encrypts all that is stored, and functions may use it only as far as they need it."""

import pytest

from tests.cloudformation import KEY, Resources, deployed, of_type
from tests.integration.template import resources

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

# The property that names the key, for each type of resource that stores something.
PLACES = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::Lambda::Function": ("KmsKeyArn",),
}
WRITING = {"s3:PutObject", "sqs:SendMessage", "secretsmanager:PutSecretValue"}


@pytest.fixture(scope="module")
def with_key() -> Resources:
    return deployed(KmsKeyArn=KEY)


@pytest.fixture(scope="module")
def without() -> Resources:
    return deployed()


@pytest.mark.parametrize("resource_type", PLACES)
def test_what_is_stored_has_the_key_and_without_one_that_of_aws(
    resource_type: str, with_key: Resources, without: Resources
) -> None:
    first, *rest = PLACES[resource_type]
    for name, resource in of_type(with_key, resource_type).items():
        assert first not in without[name]["Properties"]
        found = resource["Properties"][first]
        for step in rest:
            found = found[step]
        assert found in (KEY, {"Ref": "KmsKeyArn"}), name


def test_queues_are_encrypted_one_way_or_the_other(with_key: Resources, without: Resources) -> None:
    for name in resources("AWS::SQS::Queue"):
        assert with_key[name]["Properties"]["SqsManagedSseEnabled"] is False
        assert without[name]["Properties"]["SqsManagedSseEnabled"] is True


def test_objects_are_encrypted_by_the_bucket_so_that_forms_need_no_field_for_it(
    with_key: Resources, without: Resources
) -> None:
    def encryption(made: Resources) -> dict[str, str]:
        (rule,) = made["StagingBucket"]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        found: dict[str, str] = rule["ServerSideEncryptionByDefault"]
        return found

    assert encryption(with_key) == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert encryption(without) == {"SSEAlgorithm": "AES256"}


def test_functions_may_use_the_key_as_far_as_they_need_it(with_key: Resources, without: Resources) -> None:
    writers = {
        f"{name}Role"
        for name, function in resources("AWS::Serverless::Function").items()
        if any(action in str(function.get("Policies")) for action in WRITING)
    }
    everybody = {f"{name}Role" for name in resources("AWS::Serverless::Function")}
    assert allowed(with_key) == {"kms:Decrypt": everybody, "kms:GenerateDataKey": writers}, (
        "Name the role of each function in the policy for kms:Decrypt, near the end of template.yaml, and that of each "
        "that writes to S3, SQS or Secrets Manager in the one for kms:GenerateDataKey."
    )
    assert allowed(without) == {}


def allowed(made: Resources) -> dict[str, set[str]]:
    """The roles that have each action, by the policies that are resources of their own."""
    found = {}
    for policy in of_type(made, "AWS::IAM::Policy").values():
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Resource"] in (KEY, {"Ref": "KmsKeyArn"})
        found[statement["Action"]] = {role["Ref"] for role in policy["Properties"]["Roles"]}
    return found

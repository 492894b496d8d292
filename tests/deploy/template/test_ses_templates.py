"""Templates of Amazon SES in the stack: what they say, who may use them, and when they are there."""

from __future__ import annotations

import pytest

from cloud_cron import CloudCron
from cloud_cron.aws.names import resource_name
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import RenderError
from cloud_cron_cli.deploy import ses_templates
from cloud_cron_cli.deploy.template.scope import logical
from tests.deploy.template.apps import TEMPLATES, by_ses, nothing, parts

OWN = logical("Notifier", "weekly")
NAME = resource_name("shop", "dev", "notifier", "weekly")


def test_a_template_is_what_the_files_say_under_a_name_of_the_stage():
    template = parts(by_ses())[0].template["Resources"][f"{OWN}Template"]
    assert template["Type"] == "AWS::SES::Template"
    assert template["Properties"]["Template"] == {
        "TemplateName": NAME,
        "SubjectPart": TEMPLATES["weekly"]["subject"],
        "HtmlPart": TEMPLATES["weekly"]["html"],
    }
    assert len(NAME) <= 64


def test_its_notifier_alone_may_use_it_and_is_fed_after_it_is_there():
    resources = parts(by_ses())[0].template["Resources"]
    arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:template/{NAME}"}
    holders = {name for name, each in resources.items() if each["Type"] == "AWS::IAM::Role" and str(arn) in str(each)}
    assert holders == {f"{OWN}Role"}
    assert f"{OWN}Template" in resources[f"{OWN}Mapping"]["DependsOn"]
    [policy] = resources[f"{OWN}Role"]["Properties"]["Policies"]
    sends = [each for each in policy["PolicyDocument"]["Statement"] if "ses:" in str(each["Action"])]
    assert [each["Action"] for each in sends] == [["ses:SendEmail", "ses:SendRawEmail"], "ses:SendEmail"]


def app(template: object) -> CloudCron:
    made = CloudCron("shop")
    made.notifier("email", topics=["news"], name="weekly", ses_template=template)(nothing)
    return made


def read(folder, template: object):
    return ses_templates.read(resolve(app(template).model(), Settings("dev")), folder)


def test_the_files_are_read_from_the_projects_folder(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "weekly.subject.txt").write_text("News", encoding="utf-8")
    (tmp_path / "templates" / "weekly.txt").write_text("{{> all_of_it}}", encoding="utf-8")
    assert read(tmp_path, True) == {"weekly": {"subject": "News", "text": "{{> all_of_it}}"}}  # noqa: FBT003 - the option
    assert read(tmp_path, "company-news") == {}


def test_a_template_without_files_is_refused_before_anything_is_deployed(tmp_path):
    with pytest.raises(RenderError) as caught:
        read(tmp_path, True)  # noqa: FBT003 - the option
    assert caught.value.code == "CC407"
    assert "create templates/weekly.subject.txt" in (caught.value.hint or "")

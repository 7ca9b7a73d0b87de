"""Stories that a test elsewhere tells already, and stories of parts that are still to come."""

_GOOGLE = "tests/contract/test_google_workspace.py::"
_OKTA = "tests/contract/test_okta.py::"
_TARGETS = "tests/contract/test_targets.py::"
_FUNCTION = "tests/contract/test_function.py::"
_THROTTLING = "tests/contract/test_throttling.py::"
_TOKEN = "tests/contract/test_scim_token.py::"
_COMMANDS = "tests/e2e/test_command_line.py::"
_DEPLOYMENT = "tests/e2e/test_deployment.py::"
_STACK = "tests/infra/test_stack.py::"
_SELECTION = "tests/unit/test_selection.py::"
_PAGES = "tests/unit/test_docs_site.py::"

# A reference, or several of one kind → the tests that tell it.
TOLD_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "ssosync, a dry run asked for by a variable": (
        f"{_COMMANDS}test_wrong_credentials_and_settings_are_one_sentence_each",
    ),
    "ssosync, calls of one change": (
        "tests/unit/test_applier.py::test_a_group_is_created_with_its_first_members_and_gets_the_others_in_batches",
        "tests/contract/test_refused_attributes.py::test_what_is_accepted_takes_one_call",
    ),
    "ssosync, one unit is cached": (f"{_GOOGLE}test_people_select_themselves_by_address_unit_and_custom_field",),
    "ssosync, constant 429 of SCIM": (
        f"{_THROTTLING}test_a_throttled_write_holds_all_the_others",
        f"{_THROTTLING}test_without_patience_a_write_is_not_tried_again_and_says_so",
    ),
    "ssosync, Google is asked again at once": (
        f"{_THROTTLING}test_google_throttling_holds_the_others",
        f"{_GOOGLE}test_a_passing_fault_is_retried_and_nothing_is_lost",
    ),
    "idp-scim-sync, 429 for longer than five seconds": (
        f"{_THROTTLING}test_patience_is_shared_by_all_systems",
        f"{_TARGETS}test_throttling_is_waited_out",
        "tests/contract/test_open_facts.py::test_the_company_is_followed_all_the_same",
    ),
    "ssosync, a pipeline that starts it": (
        f"{_FUNCTION}test_a_source_that_refuses_fails_the_deployment_in_one_sentence_and_the_card_says_it_too",
        f"{_FUNCTION}test_when_the_function_has_died_the_deployment_and_teams_are_told",
    ),
    "ssosync, secrets in the log": (f"{_COMMANDS}test_names_and_secrets_stay_out_of_the_log",),
    "idp-scim-sync, the config in the log": (f"{_COMMANDS}test_names_and_secrets_stay_out_of_the_log",),
    "GroupSync, the stack is deleted": (
        f"{_FUNCTION}test_deleting_the_stack_leaves_everybody_where_they_are",
        f"{_FUNCTION}test_a_dead_function_does_not_make_a_stack_undeletable",
    ),
    "GroupSync, every deployment": (
        "tests/e2e/test_deployed_runs.py::test_a_deployment_that_changes_nothing_to_sync_syncs_nothing",
    ),
    "GroupSync, an error of its own": (
        f"{_COMMANDS}test_wrong_credentials_and_settings_are_one_sentence_each",
        f"{_FUNCTION}test_changes_that_fail_are_no_success_of_a_run_and_no_failure_of_a_deployment",
    ),
    "GroupSync, names in HTML": (f"{_PAGES}test_a_name_is_only_a_name",),
    "GroupSync, only the first hundred": (
        f"{_TARGETS}test_pages_are_read_to_the_end",
        "tests/contract/test_ad_sync_filters.py::test_filters_are_read_to_the_last_page",
    ),
    "Okta script, secrets in Parameter Store": (
        "tests/unit/test_settings_environment.py::test_a_variable_may_name_the_secret_by_its_arn",
    ),
    "Okta connector, one page in three seconds": (
        f"{_OKTA}test_short_pages_are_followed_to_the_end",
        f"{_OKTA}test_no_more_calls_are_made_than_pages_force",
    ),
    # what users ask and complain about
    "S2 S13 I520 I534": (
        f"{_THROTTLING}test_a_throttled_write_holds_all_the_others",
        f"{_THROTTLING}test_google_throttling_holds_the_others",
        f"{_TARGETS}test_throttling_is_waited_out",
    ),
    "S1 S65 S81 S45 S104 S111 I45 I87": (
        f"{_TARGETS}test_pages_are_read_to_the_end",
        f"{_GOOGLE}test_every_page_of_users_and_members_is_read",
        f"{_GOOGLE}test_every_group_is_read_in_batches",
    ),
    "I62 I75": (f"{_TARGETS}test_members_are_added_and_removed_as_many_as_one_call_takes",),
    "S143 S178 S226 I50 I112 I198": (
        f"{_COMMANDS}test_mapped_attributes_are_written_followed_and_then_at_rest",
        f"{_GOOGLE}test_attributes_are_mapped_by_jmespath",
    ),
    "S365": (f"{_GOOGLE}test_attributes_are_mapped_by_jmespath",),
    "I483": ("tests/contract/test_refused_attributes.py::test_a_user_is_created_without_the_bad_values",),
    "S27 S51 S66 S74 S95 I34 I35": (
        f"{_GOOGLE}test_nested_groups_are_flattened_and_cycles_end",
        f"{_GOOGLE}test_only_selected_groups_are_walked_but_sub_groups_count",
    ),
    "S186 S188": (f"{_GOOGLE}test_every_role_is_a_member", f"{_GOOGLE}test_nested_groups_are_flattened_and_cycles_end"),
    "S42 S136 I61": (
        f"{_GOOGLE}test_external_members_are_left_out_and_counted",
        f"{_GOOGLE}test_an_internal_member_that_nobody_knows_makes_the_read_fail",
    ),
    "I57": (f"{_GOOGLE}test_an_alias_domain_of_the_company_is_not_external",),
    "S92 S181": (
        f"{_STACK}test_secrets_are_made_without_a_value_and_without_a_generated_one",
        f"{_DEPLOYMENT}test_a_stack_waits_for_credentials_then_syncs_and_leaves_everything_when_it_is_destroyed",
    ),
    "S187": (
        f"{_TOKEN}test_a_new_token_is_fetched_and_the_run_goes_on",
        f"{_TOKEN}test_a_refused_token_that_nobody_replaced_is_said_as_such",
    ),
    "S260 I66 I99 I144": (
        f"{_COMMANDS}test_wrong_credentials_and_settings_are_one_sentence_each",
        f"{_GOOGLE}test_a_missing_delegation_lists_the_scopes",
    ),
    "S162": (f"{_STACK}test_a_deployment_has_its_name_everywhere",),
    "S223 S225": ("tests/unit/test_settings_deployed.py::test_a_reference_that_could_only_fail_later_is_refused",),
    "S299 S309 S312 S348 S109": (
        f"{_DEPLOYMENT}test_a_stack_waits_for_credentials_then_syncs_and_leaves_everything_when_it_is_destroyed",
        "tests/infra/test_rules.py::test_cdk_nag_and_cfn_lint_find_nothing_that_is_not_acknowledged",
    ),
    "S311": (f"{_COMMANDS}test_wrong_credentials_and_settings_are_one_sentence_each",),
    "S30 S52": (
        f"{_FUNCTION}test_a_filter_that_selects_nobody_fails_the_deployment",
        "tests/unit/test_settings_deployed.py::test_the_parts_together_are_the_config_again",
    ),
    "S144 S148": (
        f"{_SELECTION}test_a_mistake_in_a_group_pattern_is_a_sentence",
        f"{_SELECTION}test_nothing_but_star_and_question_mark_is_special",
    ),
}

# A reference, or several of one kind → why there is no test of it yet.
LATER: dict[str, str] = {
    "GroupSync, LDAPS without verification": "it is about reading Active Directory",
    "GroupSync, the error of the last prefix": "it is about reading Active Directory",
    "Entra, permission sets": "sso-sync assigns none; it reads who has some before it deletes or adopts a group",
    "S150 S168 S321 S345 S347": "signing in to Google without a key (workload identity federation) is not offered",
    "S295": "a deployment works in one account; it takes no role in another",
    "S217": "a group has Google's name or address; other names are not offered",
}

package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10})
    void aWholeNumberMayBeEachOfItsBounds(int number) {
        assertThat(Setting.wholeNumber("SIZE", Integer.toString(number), 1, 10)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "-1", "", " ", "2.0", "two", "0x2", "99999999999"})
    void anyOtherIsRefusedWithOneSentenceForTheUser(String text) {
        assertThatThrownBy(() -> Setting.wholeNumber("SIZE", text, 1, 10))
                .isInstanceOf(Setting.InvalidException.class)
                .hasMessage("SIZE is \"" + text + "\", but takes a whole number from 1 to 10.");
    }

    // What reads the variable after this check, Micronaut or Logback, takes it as it stands.
    @ParameterizedTest
    @ValueSource(strings = {" 2", "2 ", "2\n"})
    void blanksAroundAValueAreRefused(String text) {
        assertThatThrownBy(() -> Setting.wholeNumber("SIZE", text, 1, 10))
                .isInstanceOf(Setting.InvalidException.class);
    }
}

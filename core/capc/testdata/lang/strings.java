// refused 5: string
package inkan.lang.strings;

public class Case {
    static boolean f(String s) { return "a".equals(s); }
}

// refused 5: class java/lang/String is not in the API
package inkan.lang.switches;

public class Case {
    static short f(String s) { switch (s) { case "a": return 1; default: return 2; } }
}

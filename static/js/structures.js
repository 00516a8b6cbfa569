// « Structure » of an invitation: names proposed as one types, the number kept in a hidden field. Without this file the
// name or the number that is typed is looked for when the form is sent.
import { enhance } from "./combobox.js";

enhance(document);

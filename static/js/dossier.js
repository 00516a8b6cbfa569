// On the form of a fiche: the remarks of a field are told under it, beside its thread. Without this file the thread
// says which field each remark is about, and leads to it.

const byField = new Map();
for (const remark of document.querySelectorAll("[data-remark]")) {
  const field = remark.dataset.remark.split("/")[0];
  byField.set(field, [...(byField.get(field) || []), remark]);
}

for (const [field, remarks] of byField) {
  const control = document.getElementById(`id_${field}`);
  const place = control?.closest(".ror-field, .ror-form-grid > *");
  if (!place) continue;
  const link = document.createElement("a");
  link.href = `#${remarks[0].id}`;
  link.textContent = remarks.length > 1 ? `${remarks.length} remarques` : "1 remarque";
  const line = document.createElement("p");
  line.className = "form-text mb-0";
  line.append(link);
  place.append(line);
}
